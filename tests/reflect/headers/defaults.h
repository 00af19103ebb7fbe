// reflect: c
#include <stdint.h>
struct Defaults {
    float a;          /* [cm] default: 1.5 */
    double b[3];      // default: -2.5e-3, for each
    int c;            // Default: 7.
    uint8_t d;        // default: 0xff
    unsigned long long e; // default: 18446744073709551615
    _Bool f;          // default: true
    char g[8];        // default: "ab ""c"
    float h;          // default: nan
    float i;          // default: 2.0f
    int j;            // default: see below
    int k;            // the default is 3
    float l;          // by default: none
    int m[3];         // default: {1, 0x2, -3}
    short n[2][2];    // default: {{1, 2}, {3, 4}}
    float o[2][2];    // default: {1, 2.50, 3e0, 4,} row by row
    char p[2][6];     // default: {"a, b", "}"} for each
    unsigned char q[3]; // default: {'{', ',', 9}
    int r[2][2];      // default: {{5, 5}, {5, 5}}
    int s[1][1];      // default: {{6}}
};

//= struct Defaults size 152 align 8 at 3:8
//=   a float32 @0 {float} unit cm default 1.5 | [cm] default: 1.5
//=   b float64[3] @8 {double} default -0.0025 | default: -2.5e-3, for each
//=   c int32 @32 {int} default 7 | Default: 7.
//=   d uint8 @36 {uint8_t} default 255 | default: 0xff
//=   e uint64 @40 {unsigned long long} default 18446744073709551615 | default: 18446744073709551615
//=   f bool @48 {bool} default 1 | default: true
//=   g char[8] @49 {char} default "ab ""c" | default: "ab ""c"
//=   h float32 @60 {float} default nan | default: nan
//=   i float32 @64 {float} default 2 | default: 2.0f
//=   j int32 @68 {int} | default: see below
//=   k int32 @72 {int} | the default is 3
//=   l float32 @76 {float} | by default: none
//=   m int32[3] @80 {int} default {1, 2, -3} | default: {1, 0x2, -3}
//=   n int16[2][2] @92 {short} default {1, 2, 3, 4} | default: {{1, 2}, {3, 4}}
//=   o float32[2][2] @100 {float} default {1, 2.5, 3, 4} | default: {1, 2.50, 3e0, 4,} row by row
//=   p char[2][6] @116 {char} default {"a, b", "}"} | default: {"a, b", "}"} for each
//=   q uint8[3] @128 {unsigned char} default {123, 44, 9} | default: {'{', ',', 9}
//=   r int32[2][2] @132 {int} default 5 | default: {{5, 5}, {5, 5}}
//=   s int32[1][1] @148 {int} default 6 | default: {{6}}
//= warning 13:9 default of j: the default see is not taken: it is no value of int32 (text stands in double quotes)
//= warning 15:11 default of l: the default none is not taken: it is no value of float32 (text stands in double quotes)
