// reflect: c
#ifndef FSCOM_STYLE
#define FSCOM_STYLE
#define MAX_RX 4
/* common of the station, rev. 9.11 */
typedef struct stcom {
     int  box;             /* class number of the box */
     long oper;
     char log_name[65];
     float lo[4], sky;     /* K */
     float speed, dir;     /* wind: speed [m/s], direction [deg] */
     double alat,          /* radians */
            along;         /* radians, east */
     struct {
       int   state;        /* 0=off, 1=on */
       float tcal[16];     /* [K] */
       float freq[16];     /* MHz */
     } rx[MAX_RX];
     struct weather { float temp; /* C */ float pres; /* mbar */ float hum; /* percent */ } wx;
} Stcom;
typedef struct stok { short a; int k[2][3]; /* counts */ float hgt /* [m] */, diam /* [m] */; } Stok;
#endif

//= struct stcom size 672 align 8 at 6:16 | common of the station, rev. 9.11
//=   box int32 @0 {int} | class number of the box
//=   oper int64 @8 {long}
//=   log_name char[65] @16 {char}
//=   lo float32[4] @84 {float} unit K | K
//=   sky float32 @100 {float} unit K | K
//=   speed float32 @104 {float} | wind: speed [m/s], direction [deg]
//=   dir float32 @108 {float} | wind: speed [m/s], direction [deg]
//=   alat float64 @112 {double} unit radians | radians
//=   along float64 @120 {double} | radians, east
//=   rx[0].state int32 @128 {int} | 0=off, 1=on
//=   rx[0].tcal float32[16] @132 {float} unit K | [K]
//=   rx[0].freq float32[16] @196 {float} unit MHz | MHz
//=   rx[1].state int32 @260 {int} | 0=off, 1=on
//=   rx[1].tcal float32[16] @264 {float} unit K | [K]
//=   rx[1].freq float32[16] @328 {float} unit MHz | MHz
//=   rx[2].state int32 @392 {int} | 0=off, 1=on
//=   rx[2].tcal float32[16] @396 {float} unit K | [K]
//=   rx[2].freq float32[16] @460 {float} unit MHz | MHz
//=   rx[3].state int32 @524 {int} | 0=off, 1=on
//=   rx[3].tcal float32[16] @528 {float} unit K | [K]
//=   rx[3].freq float32[16] @592 {float} unit MHz | MHz
//=   wx.temp float32 @656 {float} unit C | C
//=   wx.pres float32 @660 {float} unit mbar | mbar
//=   wx.hum float32 @664 {float} unit percent | percent
//= struct stok size 36 align 4 at 21:16
//=   a int16 @0 {short}
//=   k int32[2][3] @4 {int} unit counts | counts
//=   hgt float32 @28 {float} unit m | [m]
//=   diam float32 @32 {float} unit m | [m]
//= note 11:12 unit of speed: 'm/s' is text here, not the unit: it stands inside a sentence: write it first or last (and at 1 more place)
//= note 11:12 unit of speed: 'deg' is text here, not the unit: the comment has other units, too (and at 1 more place)
//= warning 19:29 unit of temp: the unit 'C' is coulomb; degrees Celsius are degC
