// reflect: c++
/* PURPOSE: (model parameters) */
#ifndef BALL_HH
#define BALL_HH
struct BALL_INPUT {
    double mass ;        /* *i kg Total mass */
    double speed ;       /* *i m/s Initial [speed] */
    double position[2] ; /* (m) Initial X,Y position */
    double force ;       /**< (N) trick_io(**) magnitude */
    double cone ;        // [rad] half angle, default: 0.5
    int    print_off ;   /* -- Flag to turn off printing */
} ;
#endif

//= struct BALL_INPUT size 56 align 8 at 5:8
//=   mass float64 @0 {double} | *i kg Total mass
//=   speed float64 @8 {double} | *i m/s Initial [speed]
//=   position float64[2] @16 {double} | (m) Initial X,Y position
//=   force float64 @32 {double} | (N) trick_io(**) magnitude
//=   cone float64 @40 {double} unit rad default 0.5 | [rad] half angle, default: 0.5
//=   print_off int32 @48 {int} | -- Flag to turn off printing
//= note 7:12 unit of speed: 'speed' is text here, not the unit: it is no unit that is known (`unit: [speed]` makes it one)
