// reflect: c
#pragma once
#include <stdint.h>
#ifndef MAVPACKED
#define MAVPACKED( __Declaration__ ) __Declaration__ __attribute__((packed))
#endif
#define MAVLINK_MSG_ID_PACK 147

MAVPACKED(
typedef struct __mavlink_pack_t {
 int32_t drawn; /*< [mAh] Charge drawn so far, -1: not measured*/
 int32_t lat; /*< [degE7] How far north (WGS84)*/
 int16_t heat; /*< [cdegC] Heat of the pack. INT16_MAX: not measured.*/
 uint16_t cells[10]; /*< [mV] Volts of cells 1 to 10 (see more for others)*/
 int16_t amps; /*< [cA] Current, -1: none*/
 uint8_t id; /*<  Pack number*/
 int8_t left; /*< [%] What is left. Values: [0-100], -1: unknown.*/
 uint8_t load[4]; /*< [d%] Load of each [motor]*/
 float turn; /*< [rad/s] Turn rate in frame [body]*/
 uint64_t usec; /*< [us] Since the start, or since 1970*/
}) mavlink_pack_t;

#define MAVLINK_MSG_ID_PACK_LEN 56
static inline uint16_t pack_it(const mavlink_pack_t* p) { return p->id; }

//= struct __mavlink_pack_t size 50 align 1 at 10:16
//=   drawn int32 @0 {int32_t} unit mAh | [mAh] Charge drawn so far, -1: not measured
//=   lat int32 @4 {int32_t} unit degE7 | [degE7] How far north (WGS84)
//=   heat int16 @8 {int16_t} unit cdegC | [cdegC] Heat of the pack. INT16_MAX: not measured.
//=   cells uint16[10] @10 {uint16_t} unit mV | [mV] Volts of cells 1 to 10 (see more for others)
//=   amps int16 @30 {int16_t} unit cA | [cA] Current, -1: none
//=   id uint8 @32 {uint8_t} | Pack number
//=   left int8 @33 {int8_t} unit % | [%] What is left. Values: [0-100], -1: unknown.
//=   load uint8[4] @34 {uint8_t} unit d% | [d%] Load of each [motor]
//=   turn float32 @38 {float} unit rad/s | [rad/s] Turn rate in frame [body]
//=   usec uint64 @42 {uint64_t} unit us | [us] Since the start, or since 1970
//= note 18:10 unit of load: 'motor' is text here, not the unit: it is no unit that is known (`unit: [motor]` makes it one)
//= note 19:8 unit of turn: 'body' is text here, not the unit: it is no unit that is known (`unit: [body]` makes it one)
