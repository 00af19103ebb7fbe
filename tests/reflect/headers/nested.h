// reflect: c
typedef struct {
    float x; /* [cm] */
    float y;
} Point;

struct Nested {
    Point origin;            // where it starts
    Point corner[2];
    struct Inner {
        int id;
        struct {
            double value[2]; // [V]
            char unit_name[4];
        } reading[1][2];
    } inner;
    struct {
        short left;
        short right;
    };
    struct { float dx, dy; } shift; /* [mm] */
};

//= struct Point size 8 align 4 at 5:3 | reflect: c
//=   x float32 @0 {float} unit cm | [cm]
//=   y float32 @4 {float}
//= struct Nested size 96 align 8 at 7:8
//=   origin.x float32 @0 {float} unit cm | [cm]
//=   origin.y float32 @4 {float} | where it starts
//=   corner[0].x float32 @8 {float} unit cm | [cm]
//=   corner[0].y float32 @12 {float}
//=   corner[1].x float32 @16 {float} unit cm | [cm]
//=   corner[1].y float32 @20 {float}
//=   inner.id int32 @24 {int}
//=   inner.reading[0][0].value float64[2] @32 {double} unit V | [V]
//=   inner.reading[0][0].unit_name char[4] @48 {char}
//=   inner.reading[0][1].value float64[2] @56 {double} unit V | [V]
//=   inner.reading[0][1].unit_name char[4] @72 {char}
//=   left int16 @80 {short}
//=   right int16 @82 {short}
//=   shift.dx float32 @84 {float} unit mm | [mm]
//=   shift.dy float32 @88 {float} unit mm | [mm]
