// reflect: c
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef float gain_t;
typedef gain_t chained_t;
typedef chained_t row_t[3];
typedef char text_t[8];

struct Scalars {
    bool b;
    _Bool b2[2];
    signed char sc;
    unsigned char uc[3];
    char lone;
    char text[12];
    char names[2][4][16];
    text_t titles[2];
    short s;
    unsigned short us;
    int i;
    unsigned u;
    long l;
    unsigned long ul;
    long long ll;
    unsigned long long ull;
    int8_t i8;
    uint8_t u8;
    int16_t i16;
    uint16_t u16;
    int32_t i32;
    uint32_t u32;
    int64_t i64;
    uint64_t u64;
    size_t size;
    ptrdiff_t difference;
    float f;
    double d;
    chained_t chained;
    row_t rows[2];
    float deep[2][3][4][5];
    const int constant;
    volatile double moving;
    const volatile unsigned char flags[2];
    __extension__ long long extended;
};

//= struct Scalars size 808 align 8 at 11:8
//=   b bool @0 {bool}
//=   b2 bool[2] @1 {bool}
//=   sc int8 @3 {signed char}
//=   uc uint8[3] @4 {unsigned char}
//=   lone int8 @7 {char}
//=   text char[12] @8 {char}
//=   names char[2][4][16] @20 {char}
//=   titles char[2][8] @148 {char}
//=   s int16 @164 {short}
//=   us uint16 @166 {unsigned short}
//=   i int32 @168 {int}
//=   u uint32 @172 {unsigned int}
//=   l int64 @176 {long}
//=   ul uint64 @184 {unsigned long}
//=   ll int64 @192 {long long}
//=   ull uint64 @200 {unsigned long long}
//=   i8 int8 @208 {int8_t}
//=   u8 uint8 @209 {uint8_t}
//=   i16 int16 @210 {int16_t}
//=   u16 uint16 @212 {uint16_t}
//=   i32 int32 @216 {int32_t}
//=   u32 uint32 @220 {uint32_t}
//=   i64 int64 @224 {int64_t}
//=   u64 uint64 @232 {uint64_t}
//=   size uint64 @240 {size_t}
//=   difference int64 @248 {ptrdiff_t}
//=   f float32 @256 {float}
//=   d float64 @264 {double}
//=   chained float32 @272 {chained_t}
//=   rows float32[2][3] @276 {chained_t}
//=   deep float32[2][3][4][5] @300 {float}
//=   constant int32 @780 {int}
//=   moving float64 @784 {double}
//=   flags uint8[2] @792 {unsigned char}
//=   extended int64 @800 {long long}
