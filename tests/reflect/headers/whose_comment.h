// reflect: c
#define FIELD(type, name) type name;
struct Whose {
    /* [mm] above, which the one beside beats; default: 1 */
    float beside;      // [cm] default: 2
    /* [mm] above, which the one beside leaves alone */
    float left_alone;  // length of it
    //float len; // [km] default: 7
    float code;
    // unsigned int n[3]; // [ns]
    float code_of_two_words;
    /* double old;  default: 3  [kV] */
    float code_in_block;
    // Length of what was there [km]
    // float old_length;
    float below_described_code;
    /* float was; */  // [km] default: 7
    float beside_code;
    // FIELD(float, len); // [km]
    float code_of_a_macro;
    // len = 0.1 * raw; // [km]
    float assignment;
    float beside_it;   // float old; // [km]
    float words_then;  // [V] as measured
                       // float old; // [kV]
    // float old; // [kV]
    // [V] what it is now
    float code_above_words;

    // [km] default: 7

    float above_blank_line;
    // [km]

    // words
    float blank_line_between;
};
struct Says {
    int id;            // offset in cells; the drift in [cm/us] is in the next member
    float drift;       // unlike id, which is in [cm], this one counts
    float was;         // [mm]; was [cm] before 2015
    float used;        // used to be [cm]
    float formerly;    // formerly in [cm]
    float until;       // [cm] until 2012, then something else
    float converts;    // multiply by 0.1 to get [cm]
    float inside;      // the [cm] of it
    float remark;      // gain (the pedestal is in [ADC])
    float parentheses; // drift velocity (in [cm/us])
    float of_id;       // index of the cell. id is in [cells], drift is in [cm/us]
    float length;      // The length is in [cm].
    float two;         // x in [cm] and t in [ns]
    float says;        // width of a pad, unit: mm, measured cold
    float says_units;  // Units: MeV/c
    float says_old;    // used to have unit: km
    float says_prose;  // unit: see the manual
    float wip;         // [WIP] not finished
    float side;        // [left/right] of the beam
    float paper;       // from a paper [Smith et al]
    float range;       // high voltage [V] [0..2000]
    float index;       // pedestal of pad[i] [ADC]
    float typo;        // drift [furlongz]
    float typo_case;   // energy [Mev]
    float wires;       // spacing [mm/wire]
    float sentence;    // Drift velocity [cm/us]
                       // Measured by the laser.
    float wrapped;     // drift velocity once given in [cm/us]
                       // and now without
};
struct Several {
    float c, /* [V] */ d; /* [A] */
    float e, /* [V] */ f, /* [A] default: 5 */ g; /* [s] */
    float h /* [V] */, i /* [A] */, j; /* [s] */
    float /* [V] */ k, /* [A] */ l;
    float m, /* [V] default: 3 */ n;
    float o, p /* [V] */, q; /* [A] */  // o: of nobody
    float x1, x2,  /* [mm] */
          x3;      /* [cm] */
    float y1, y2, /* [mm] */ y3; /* [cm] */
    float z1,
          z2,
          z3; // [ns] all three
    /// @name Positions [cm]
    /// @{
    float below_heading;
    /// @}
    float r, s; /* [A] */
    float t, /* one */ u; /* [A] */
    float v, /* [V] */
          w; /* [A] */
#if 0
    float skipped; // [km]
#endif
    float behind_skipped;
};

//= struct Whose size 56 align 4 at 3:8
//=   beside float32 @0 {float} unit cm default 2 | [mm] above, which the one beside beats; default: 1 [cm] default: 2
//=   left_alone float32 @4 {float} unit mm | [mm] above, which the one beside leaves alone length of it
//=   code float32 @8 {float}
//=   code_of_two_words float32 @12 {float}
//=   code_in_block float32 @16 {float}
//=   below_described_code float32 @20 {float}
//=   beside_code float32 @24 {float}
//=   code_of_a_macro float32 @28 {float}
//=   assignment float32 @32 {float}
//=   beside_it float32 @36 {float}
//=   words_then float32 @40 {float} unit V | [V] as measured
//=   code_above_words float32 @44 {float} unit V | [V] what it is now
//=   above_blank_line float32 @48 {float}
//=   blank_line_between float32 @52 {float} | words
//= struct Says size 108 align 4 at 38:8
//=   id int32 @0 {int} | offset in cells; the drift in [cm/us] is in the next member
//=   drift float32 @4 {float} | unlike id, which is in [cm], this one counts
//=   was float32 @8 {float} unit mm | [mm]; was [cm] before 2015
//=   used float32 @12 {float} | used to be [cm]
//=   formerly float32 @16 {float} | formerly in [cm]
//=   until float32 @20 {float} | [cm] until 2012, then something else
//=   converts float32 @24 {float} | multiply by 0.1 to get [cm]
//=   inside float32 @28 {float} | the [cm] of it
//=   remark float32 @32 {float} | gain (the pedestal is in [ADC])
//=   parentheses float32 @36 {float} unit cm/us | drift velocity (in [cm/us])
//=   of_id float32 @40 {float} | index of the cell. id is in [cells], drift is in [cm/us]
//=   length float32 @44 {float} unit cm | The length is in [cm].
//=   two float32 @48 {float} | x in [cm] and t in [ns]
//=   says float32 @52 {float} unit mm | width of a pad, unit: mm, measured cold
//=   says_units float32 @56 {float} unit MeV/c | Units: MeV/c
//=   says_old float32 @60 {float} | used to have unit: km
//=   says_prose float32 @64 {float} | unit: see the manual
//=   wip float32 @68 {float} | [WIP] not finished
//=   side float32 @72 {float} | [left/right] of the beam
//=   paper float32 @76 {float} | from a paper [Smith et al]
//=   range float32 @80 {float} unit V | high voltage [V] [0..2000]
//=   index float32 @84 {float} unit ADC | pedestal of pad[i] [ADC]
//=   typo float32 @88 {float} unit furlongz | drift [furlongz]
//=   typo_case float32 @92 {float} unit Mev | energy [Mev]
//=   wires float32 @96 {float} unit mm/wire | spacing [mm/wire]
//=   sentence float32 @100 {float} unit cm/us | Drift velocity [cm/us] Measured by the laser.
//=   wrapped float32 @104 {float} | drift velocity once given in [cm/us] and now without
//= struct Several size 128 align 4 at 69:8
//=   c float32 @0 {float} unit V | [V]
//=   d float32 @4 {float} unit A | [A]
//=   e float32 @8 {float} unit V | [V]
//=   f float32 @12 {float} unit A default 5 | [A] default: 5
//=   g float32 @16 {float} unit s | [s]
//=   h float32 @20 {float} unit V | [V]
//=   i float32 @24 {float} unit A | [A]
//=   j float32 @28 {float} unit s | [s]
//=   k float32 @32 {float} unit V | [V]
//=   l float32 @36 {float} unit A | [A]
//=   m float32 @40 {float}
//=   n float32 @44 {float}
//=   o float32 @48 {float}
//=   p float32 @52 {float} unit V | [V]
//=   q float32 @56 {float} unit A | [A] o: of nobody
//=   x1 float32 @60 {float} unit mm | [mm]
//=   x2 float32 @64 {float} unit mm | [mm]
//=   x3 float32 @68 {float} unit cm | [cm]
//=   y1 float32 @72 {float} unit mm | [mm]
//=   y2 float32 @76 {float} unit mm | [mm]
//=   y3 float32 @80 {float} unit cm | [cm]
//=   z1 float32 @84 {float} unit ns | [ns] all three
//=   z2 float32 @88 {float} unit ns | [ns] all three
//=   z3 float32 @92 {float} unit ns | [ns] all three
//=   below_heading float32 @96 {float}
//=   r float32 @100 {float} unit A | [A]
//=   s float32 @104 {float} unit A | [A]
//=   t float32 @108 {float} | one
//=   u float32 @112 {float} unit A | [A]
//=   v float32 @116 {float} unit V | [V]
//=   w float32 @120 {float} unit A | [A]
//=   behind_skipped float32 @124 {float}
//= note 5:11 unit of beside: 'mm' of another comment is not taken: [cm] is nearer
//= warning 5:11 default of beside: the default 1 of another comment is not taken: 2 is nearer
//= note 39:9 unit of id: 'cm/us' is text here, not the unit: it stands inside a sentence: write it first or last (and at 1 more place)
//= note 40:11 unit of drift: 'cm' is text here, not the unit: it stands inside a sentence: write it first or last (and at 3 more places)
//= note 42:11 unit of used: 'cm' is text here, not the unit: the words before it say that it is, or was, another one (and at 2 more places)
//= note 44:11 unit of until: 'cm' is text here, not the unit: the words behind it take it back
//= note 47:11 unit of remark: 'ADC' is text here, not the unit: it is said of something else
//= note 49:11 unit of of_id: 'cells' is text here, not the unit: it is no unit that is known (`unit: [cells]` makes it one)
//= note 49:11 unit of of_id: 'cm/us' is text here, not the unit: it is said of something else
//= note 51:11 unit of two: 'ns' is text here, not the unit: the comment has other units, too
//= note 54:11 unit of says_old: 'km' is text here, not the unit: the words before it say that it is, or was, another one
//= note 55:11 unit of says_prose: 'see' is text here, not the unit: it does not name a unit
//= note 56:11 unit of wip: 'WIP' is text here, not the unit: it is no unit that is known (`unit: [WIP]` makes it one)
//= note 57:11 unit of side: 'left/right' is text here, not the unit: it is no unit that is known (`unit: [left/right]` makes it one)
//= note 58:11 unit of paper: 'Smith et al' is text here, not the unit: it is no unit that is known (`unit: [Smith et al]` makes it one)
//= note 74:35 unit of n: 'V' is not taken for the unit: the comment stands between two members and may be about either; write it before the comma, or behind a semicolon of its own
//= warning 74:35 default of n: the default 3 is not taken: the comment stands between two members and may be about either; write it before the comma, or behind a semicolon of its own
