// reflect: c
struct Units {
    float only1;   /* mV/fC */
    float only2;   // cm/sqrt(cm)
    float only3;   /* % */
    float only4;   /* (ns) */
    float only5;   /* adc counts */
    float only6;   /* muA */
    float only7;   /* fC/adc count */
    float gain1;   /* gain */
    float gain2;   /* index */
    float gain3;   /* a */
    float gain4;   /* as */
    float gain5;   /* in */
    float gain6;   /* min */
    float gain7;   /* N/A */
    float gain8;   /* second */
    float C;       /* C */
    float bracket1; /* [adc counts] per hit */
    float bracket2; /* see a[i] [0-23] [0,1] [i] then [ V ] */
    float bracket3; /* per [sector][row][pad] */
    float bracket4; /* [NPADS] and [N-1] and [i+1] */
    float bracket5; /* [in] parameter */
    float bracket6; /* time[us] */
    float bracket7; /* value[m] */
    float bracket8; /* [1/cm] [mm] */
    float bracket9; /* [] [-] [1] */
};

//= struct Units size 100 align 4 at 2:8 | reflect: c
//=   only1 float32 @0 {float} unit mV/fC | mV/fC
//=   only2 float32 @4 {float} unit cm/sqrt(cm) | cm/sqrt(cm)
//=   only3 float32 @8 {float} unit % | %
//=   only4 float32 @12 {float} unit ns | (ns)
//=   only5 float32 @16 {float} unit adc counts | adc counts
//=   only6 float32 @20 {float} unit muA | muA
//=   only7 float32 @24 {float} unit fC/adc count | fC/adc count
//=   gain1 float32 @28 {float} | gain
//=   gain2 float32 @32 {float} | index
//=   gain3 float32 @36 {float} | a
//=   gain4 float32 @40 {float} | as
//=   gain5 float32 @44 {float} | in
//=   gain6 float32 @48 {float} | min
//=   gain7 float32 @52 {float} | N/A
//=   gain8 float32 @56 {float} | second
//=   C float32 @60 {float} | C
//=   bracket1 float32 @64 {float} unit adc counts | [adc counts] per hit
//=   bracket2 float32 @68 {float} unit V | see a[i] [0-23] [0,1] [i] then [ V ]
//=   bracket3 float32 @72 {float} | per [sector][row][pad]
//=   bracket4 float32 @76 {float} | [NPADS] and [N-1] and [i+1]
//=   bracket5 float32 @80 {float} | [in] parameter
//=   bracket6 float32 @84 {float} unit us | time[us]
//=   bracket7 float32 @88 {float} | value[m]
//=   bracket8 float32 @92 {float} unit 1/cm | [1/cm] [mm]
//=   bracket9 float32 @96 {float} | [] [-] [1]
//= note 21:11 unit of bracket3: 'sector' is text here, not the unit: it is no unit that is known (`unit: [sector]` makes it one)
//= note 22:11 unit of bracket4: 'NPADS' is text here, not the unit: it is no unit that is known (`unit: [NPADS]` makes it one)
//= note 23:11 unit of bracket5: 'in' is text here, not the unit: it is no unit that is known (`unit: [in]` makes it one)
//= note 26:11 unit of bracket8: 'mm' is text here, not the unit: [1/cm] stands before it
