// reflect: c
#include <stdint.h>
struct BadDefaults {
    int a;            // default: 1.5
    uint8_t b;        // default: 256
    char c[2];        // default: "abc"
    int d[2];         // default: {1, 2, 3}
    struct { int x; } e; // default: 1
    float ok;         // default: 1
    int f[2][2];      // default: {{1, 2}, {3}}
    int g[2][3];      // default: {{1, 2}, {3, 4}, {5, 6}}
    int h[2];         // default: {1, x}
    int i;            // default: {1}
    char j[2][4];     // default: {"abc", "abcde"}
    int k[3];         // default: {1, 2}
    int l[2];         // default: {1, , 2}
};

//= refused 4:9 default in BadDefaults: int a
//= refused 5:13 default in BadDefaults: uint8_t b
//= refused 6:10 default in BadDefaults: char c[2]
//= refused 7:9 default in BadDefaults: int d[2]
//= refused 8:23 default in BadDefaults: struct { ... } e
//= refused 10:9 default in BadDefaults: int f[2][2]
//= refused 11:9 default in BadDefaults: int g[2][3]
//= refused 12:9 default in BadDefaults: int h[2]
//= refused 13:9 default in BadDefaults: int i
//= refused 14:10 default in BadDefaults: char j[2][4]
//= refused 15:9 default in BadDefaults: int k[3]
//= refused 16:9 default in BadDefaults: int l[2]
