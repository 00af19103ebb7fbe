// reflect: c++
#include <array>
#include <cstdint>
namespace {
constexpr int kN = 3;
constexpr double half(double x) { return x / 2; }
int at_run_time();
}  // namespace
enum Color : std::uint8_t { kRed = 1, kBlue = 2 };
enum class Mode { Off, On = 5 };
struct Inner {
    int a = 3;
    float b = 0.5f;  // [V]
};
struct Initializers {
    int plain = 5;
    int negative{-7};
    std::uint64_t large = ~std::uint64_t{0};
    long product = kN * 2;
    double halved = half(3.0);
    float third = 1.0f / 3;
    bool flag = true;
    bool other{};
    char letter = 'A';
    unsigned char hex = 0xff;
    Color color = kBlue;
    Mode mode = Mode::On;
    Mode mode_by_word;               // default: Mode::On
    int same[3] = {4, 4, 4};
    int zero[3] = {};
    int zero_too[3] = {0};
    int differ[2] = {1, 2};
    char text[8] = "ab\"c";
    char full[3] = {'x', 'y', 'z'};
    char rows[2][4] = {"ab", "ab"};
    std::array<int, 2> array = {9, 9};
    std::array<std::array<float, 2>, 3> grid{};
    Inner inner;
    Inner given{8, 1.5f};
    Inner pair[2] = {{1, 2}, {3, 4}};
    int both = 5;                    // default: 6
    int both_same = 6;               // default: 6
    int late = at_run_time();
    double nan = __builtin_nan("");
    std::int64_t least = INT64_MIN;
    int none;
    int part[4] = {1, 2};
    int grid_of[2][2] = {{1, 2}, {3}};
    std::array<std::array<float, 2>, 2> pairs{{{1, 2}, {3, 4}}};
    char names[3][4] = {"a", "b\"c"};
    Color colors[2] = {kRed, kBlue};
    bool flags[2] = {true, false};
    Inner lists[2] = {{1}, {}};
};
struct Arrays {
    std::array<double, 4> d;               // [cm]
    std::array<Inner, 2> inner;
    std::array<std::array<short, 2>, 3> nested[5];
    std::array<char, 6> text;
    std::array<Color, 2> colors;
};

//= struct Inner size 8 align 4 at 11:8
//=   a int32 @0 {int} default 3
//=   b float32 @4 {float} unit V default 0.5 | [V]
//= struct Initializers size 296 align 8 at 15:8
//=   plain int32 @0 {int} default 5
//=   negative int32 @4 {int} default -7
//=   large uint64 @8 {std::uint64_t} default 18446744073709551615
//=   product int64 @16 {long} default 6
//=   halved float64 @24 {double} default 1.5
//=   third float32 @32 {float} default 0.33333334
//=   flag bool @36 {bool} default 1
//=   other bool @37 {bool} default 0
//=   letter int8 @38 {char} default 65
//=   hex uint8 @39 {unsigned char} default 255
//=   color uint8 @40 {Color} kRed=1 kBlue=2 default 2
//=   mode int32 @44 {Mode} Off=0 On=5 default 5
//=   mode_by_word int32 @48 {Mode} Off=0 On=5 default 5 | default: Mode::On
//=   same int32[3] @52 {int} default 4
//=   zero int32[3] @64 {int} default 0
//=   zero_too int32[3] @76 {int} default 0
//=   differ int32[2] @88 {int} default {1, 2}
//=   text char[8] @96 {char} default "ab""c"
//=   full char[3] @104 {char} default "xyz"
//=   rows char[2][4] @107 {char} default "ab"
//=   array int32[2] @116 {int} default 9
//=   grid float32[3][2] @124 {float} default 0
//=   inner.a int32 @148 {int} default 3
//=   inner.b float32 @152 {float} unit V default 0.5 | [V]
//=   given.a int32 @156 {int} default 8
//=   given.b float32 @160 {float} unit V default 1.5 | [V]
//=   pair[0].a int32 @164 {int} default 1
//=   pair[0].b float32 @168 {float} unit V default 2 | [V]
//=   pair[1].a int32 @172 {int} default 3
//=   pair[1].b float32 @176 {float} unit V default 4 | [V]
//=   both int32 @180 {int} default 6 | default: 6
//=   both_same int32 @184 {int} default 6 | default: 6
//=   late int32 @188 {int}
//=   nan float64 @192 {double} default nan
//=   least int64 @200 {std::int64_t} default -9223372036854775808
//=   none int32 @208 {int}
//=   part int32[4] @212 {int} default {1, 2, 0, 0}
//=   grid_of int32[2][2] @228 {int} default {1, 2, 3, 0}
//=   pairs float32[2][2] @244 {float} default {1, 2, 3, 4}
//=   names char[3][4] @260 {char} default {"a", "b""c", ""}
//=   colors uint8[2] @272 {Color} kRed=1 kBlue=2 default {1, 2}
//=   flags bool[2] @274 {bool} default {1, 0}
//=   lists[0].a int32 @276 {int} default 1
//=   lists[0].b float32 @280 {float} unit V default 0.5 | [V]
//=   lists[1].a int32 @284 {int} default 3
//=   lists[1].b float32 @288 {float} unit V default 0.5 | [V]
//= struct Arrays size 120 align 8 at 55:8
//=   d float64[4] @0 {double} unit cm | [cm]
//=   inner[0].a int32 @32 {int} default 3
//=   inner[0].b float32 @36 {float} unit V default 0.5 | [V]
//=   inner[1].a int32 @40 {int} default 3
//=   inner[1].b float32 @44 {float} unit V default 0.5 | [V]
//=   nested int16[5][3][2] @48 {short}
//=   text char[6] @108 {char}
//=   colors uint8[2] @114 {Color} kRed=1 kBlue=2
//= warning 41:9 default of both: the comment declares the default 6, the initialiser gives 5: the comment holds
//= warning 43:9 default of late: the initialiser of late is not taken as the default: its value is not known before a program runs
