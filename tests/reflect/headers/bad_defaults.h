// reflect: c
#include <stdint.h>
struct BadDefaults {
    int a;            // default: 1.5
    uint8_t b;        // default: 256
    char c[2];        // default: "abc"
    int d[2];         // default: {1, 2}
    struct { int x; } e; // default: 1
    float ok;         // default: 1
};

//= refused 4:9 default in BadDefaults: int a
//= refused 5:13 default in BadDefaults: uint8_t b
//= refused 6:10 default in BadDefaults: char c[2]
//= refused 7:9 default in BadDefaults: int d[2]
//= refused 8:23 default in BadDefaults: struct { ... } e
