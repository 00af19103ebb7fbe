// reflect: c
#define PACKED(...) __VA_ARGS__ __attribute__((packed))
#define FIELD(type, name) type name
#define WITH_ALIGNMENT(declaration, n) declaration __attribute__((aligned(n)))
/** What a vehicle says of its battery */
PACKED(
typedef struct telemetry_t {
    unsigned long long time;  /*< [us] since start */
    short voltage[2];         /*< [mV] of both halves, default: 12 */
    FIELD(float, current);    /* [cA] */
    float charge, /* [mAh] */ spent; /* [hJ] */
    char id;
}) telemetry_type;
PACKED(struct on_one_line { int a; /* [V] */ short b; /* [A] */ });
WITH_ALIGNMENT(struct aligned { float x; /* [cm] */ }, 16);
PACKED(struct outer { struct { float y; /* [mm] */ } in; PACKED(struct { char c; int d; /* [s] */ }) tight; });

#define UNHEARD_OF(...) __VA_ARGS__ __attribute__((unheard_of))
UNHEARD_OF(struct refused { int a; });
#define STRUCT(name, ...) struct name { __VA_ARGS__ }
STRUCT(made, int a; /* [V] */ float b; /* [cm] */);

//= struct telemetry_t size 25 align 1 at 7:16 | What a vehicle says of its battery
//=   time uint64 @0 {unsigned long long} unit us | [us] since start
//=   voltage int16[2] @8 {short} unit mV default 12 | [mV] of both halves, default: 12
//=   current float32 @12 {float} unit cA | [cA]
//=   charge float32 @16 {float} unit mAh | [mAh]
//=   spent float32 @20 {float} unit hJ | [hJ]
//=   id int8 @24 {char}
//= struct on_one_line size 6 align 1 at 14:15
//=   a int32 @0 {int} unit V | [V]
//=   b int16 @4 {short} unit A | [A]
//= struct aligned size 16 align 16 at 15:23
//=   x float32 @0 {float} unit cm | [cm]
//= struct outer size 9 align 1 at 16:15
//=   in.y float32 @0 {float} unit mm | [mm]
//=   tight.c int8 @4 {char}
//=   tight.d int32 @5 {int} unit s | [s]
//= struct made size 8 align 4 at 21:8
//=   a int32 @0 {int} unit V | [V]
//=   b float32 @4 {float} unit cm | [cm]
//= refused 19:1 attribute in refused: struct refused { ... }
