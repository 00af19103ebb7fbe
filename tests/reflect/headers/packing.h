// reflect: c
#pragma pack(push, 2)
struct Pragma {
    char c;
    double d;
    int i;
};
#pragma pack(pop)

struct __attribute__((packed)) Packed {
    char c;
    double d;
    short s;
};

struct Mixed {
    char c;
    int packed_member __attribute__((packed));
    short s __attribute__((aligned(8)));
    struct Packed inner;
} __attribute__((aligned(32)));

typedef struct {
    int value;
} Wide __attribute__((aligned(16)));

typedef struct {
    int value[8];
} WideAndLong __attribute__((aligned(16)));

struct Padding {
    char a;
    int : 5;
    int : 0;
    char b;
};

//= struct Pragma size 14 align 2 at 3:8
//=   c int8 @0 {char}
//=   d float64 @2 {double}
//=   i int32 @10 {int}
//= struct Packed size 11 align 1 at 10:32
//=   c int8 @0 {char}
//=   d float64 @1 {double}
//=   s int16 @9 {short}
//= struct Mixed size 32 align 32 at 16:8
//=   c int8 @0 {char}
//=   packed_member int32 @1 {int}
//=   s int16 @8 {short}
//=   inner.c int8 @10 {char}
//=   inner.d float64 @11 {double}
//=   inner.s int16 @19 {short}
//= struct WideAndLong size 32 align 16 at 29:3
//=   value int32[8] @0 {int}
//= struct Padding size 5 align 1 at 31:8
//=   a int8 @0 {char}
//=   b int8 @4 {char}
//= refused 25:3 alignment in Wide: typedef struct { ... }
