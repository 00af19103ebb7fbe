// reflect: c
#ifndef INC_style_of_records_H
#define INC_style_of_records_H
typedef unsigned short choice_t; typedef double real_t; typedef short small_t; typedef char word_t[40];
typedef struct { unsigned int sec; /* since 1990, seconds */ unsigned int nsec; /* ns */ } moment_t;
#define UNITS_LENGTH 8
struct analog_panel {
	small_t		alarm;	 		/* alarm state: 0 is good */
	small_t		digits;			/* digits behind the point that are shown */
	small_t		pad0;			/* keeps doubles on their place */
	char		units[UNITS_LENGTH];	/* units: see the record */
	real_t		top;			/* end of scale */
	moment_t	at;			/* when it was read */
	word_t		name;
	choice_t	period;			/* how often */
	real_t		now;			/* [V] */
};
#endif

//= struct moment_t size 8 align 4 at 5:92
//=   sec uint32 @0 {unsigned int} | since 1990, seconds
//=   nsec uint32 @4 {unsigned int} unit ns | ns
//= struct analog_panel size 88 align 8 at 7:8
//=   alarm int16 @0 {small_t} | alarm state: 0 is good
//=   digits int16 @2 {small_t} | digits behind the point that are shown
//=   pad0 int16 @4 {small_t} | keeps doubles on their place
//=   units char[8] @6 {char} | units: see the record
//=   top float64 @16 {real_t} | end of scale
//=   at.sec uint32 @24 {unsigned int} | since 1990, seconds
//=   at.nsec uint32 @28 {unsigned int} unit ns | ns
//=   name char[40] @32 {char}
//=   period uint16 @72 {choice_t} | how often
//=   now float64 @80 {real_t} unit V | [V]
//= note 11:8 unit of units: 'see' is text here, not the unit: it does not name a unit
