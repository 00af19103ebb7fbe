// reflect: c
#include <stddef.h>
#include <uchar.h>
#include <wchar.h>
union Choice { int i; float f; };
struct Forward;
typedef int int4 __attribute__((vector_size(16)));
struct Refused {
    float* gains, *more;
    const char* name;
    void (*callback)(int);
    union Choice choice;
    union { int q; float r; };
    int bits : 3, bits2 : 4;
    long double ld;
    __int128 big;
    wchar_t w;
    char16_t u16[4];
    char32_t u32;
    float _Complex z;
    int4 v;
    _Atomic int atomic;
    _Float16 half;
    __float128 quad;
    int zero[0];
    struct Forward* forward;
    struct { int fine; struct { int* deep; } inner[2]; } nested;
    struct {} hollow;
    int frobbed __attribute__((frobnicate));
    float const;
    _BitInt(12) odd;
    int flexible[];
};
struct Hollow {};
struct OnlyPadding { int : 4; };
struct __attribute__((scalar_storage_order("big-endian"))) Swapped { int a; };
typedef struct { int a; } SwappedToo __attribute__((scalar_storage_order("big-endian")));
#pragma GCC diagnostic ignored "-Wattributes"
struct Hushed { int a; } __attribute__((scalar_storage_order("big-endian")));
#pragma scalar_storage_order big-endian
struct ByPragma { int a; };
#pragma scalar_storage_order default
typedef struct { int a; }* Pointer;
struct Good { int a; };

//= struct Good size 4 align 4 at 44:8
//=   a int32 @0 {int}
//= refused 5:7 union in Choice: union Choice
//= refused 29:32 attribute in Refused: int frobbed __attribute__((frobnicate))
//= refused 30:5 no-name in Refused: float const
//= refused 9:12 pointer in Refused: float* gains
//= refused 9:20 pointer in Refused: float *more
//= refused 10:17 pointer in Refused: const char* name
//= refused 11:12 function-pointer in Refused: void (*callback)(int)
//= refused 12:18 union in Refused: union Choice choice
//= refused 13:5 union in Refused: union { ... }
//= refused 14:9 bit-field in Refused: int bits : 3
//= refused 14:19 bit-field in Refused: int bits2 : 4
//= refused 15:17 long-double in Refused: long double ld
//= refused 16:14 int128 in Refused: __int128 big
//= refused 17:13 wchar in Refused: wchar_t w
//= refused 18:14 wchar in Refused: char16_t u16[4]
//= refused 19:14 wchar in Refused: char32_t u32
//= refused 20:20 complex in Refused: float _Complex z
//= refused 21:10 vector in Refused: int4 v
//= refused 22:17 atomic in Refused: _Atomic int atomic
//= refused 23:14 float16 in Refused: _Float16 half
//= refused 24:16 float128 in Refused: __float128 quad
//= refused 25:9 zero-length-array in Refused: int zero[0]
//= refused 26:21 pointer in Refused: struct Forward* forward
//= refused 27:38 pointer in Refused: int* deep
//= refused 28:15 empty in Refused: struct { ... } hollow
//= refused 31:17 bit-int in Refused: _BitInt(12) odd
//= refused 32:9 flexible-array in Refused: int flexible[]
//= refused 34:8 empty in Hollow: struct Hollow
//= refused 35:8 empty in OnlyPadding: struct OnlyPadding
//= refused 36:23 attribute in Swapped: struct __attribute__((scalar_storage_order("big-endian"))) Swapped { ... }
//= refused 37:53 attribute in SwappedToo: typedef struct { ... }
//= refused 39:41 attribute in Hushed: struct Hushed { ... }
//= refused 40:1 attribute in ByPragma: #pragma scalar_storage_order big-endian
//= refused 43:9 unnamed in : struct { ... }
