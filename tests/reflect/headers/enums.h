// reflect: c
enum Color { RED, GREEN = 5, BLUE };
typedef enum { LOW = -2, HIGH = 3 } Level;
enum __attribute__((packed)) Tiny { OFF, ON = 200 };
enum Huge { SMALL = 1, LARGE = 0xffffffffffffffff };

struct Enums {
    enum Color color;        // default: GREEN
    Level level[2];          // default: -2
    enum Tiny tiny;
    enum Huge huge;          // default: LARGE
    enum { A, B } inline_one;  // which of /* A */ and B
};

//= struct Enums size 32 align 8 at 7:8
//=   color uint32 @0 {enum Color} RED=0 GREEN=5 BLUE=6 default 5 | default: GREEN
//=   level int32[2] @4 {Level} LOW=-2 HIGH=3 default -2 | default: -2
//=   tiny uint8 @12 {enum Tiny} OFF=0 ON=200
//=   huge uint64 @16 {enum Huge} SMALL=1 LARGE=-1 default 18446744073709551615 | default: LARGE
//=   inline_one uint32 @24 {enum} A=0 B=1 | which of /* A */ and B
