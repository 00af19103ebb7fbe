// reflect: c++
#include <cstddef>
#include <cstdint>

namespace calib {
inline namespace v2 {
using gain_t = float;
enum class Mode : std::uint8_t { Off, On = 3 };
/// Constants of one pad.
struct Pad {
    static constexpr int kRows = 4;
    static int counter;
    enum Side { East = 1, West };
    gain_t gain = 1.0F;         // [mV/fC]
    std::uint32_t hits[kRows];
    Mode mode;                  // default: On
    Side side;
    bool dead{false};
    char name[5];
    std::byte raw[2];
    Pad() = default;
    float scaled(float by) const { return gain * by; }
    struct Local { int x; };
    Local local;
};
}  // namespace v2
namespace deep::er {
struct alignas(16) Aligned { double d; };
}  // namespace deep::er
}  // namespace calib

extern "C" {
struct FromC { std::size_t n; long l; };
}
class Public {
public:
    int value;
};
struct Volatile { volatile int counter; };
inline void function() {
    struct InFunction { int* hidden; };
}

//= struct calib::Pad size 40 align 4 at 10:8 | Constants of one pad.
//=   gain float32 @0 {gain_t} unit mV/fC default 1 | [mV/fC]
//=   hits uint32[4] @4 {std::uint32_t}
//=   mode uint8 @20 {Mode} Off=0 On=3 default 3 | default: On
//=   side uint32 @24 {Side} East=1 West=2
//=   dead bool @28 {bool} default 0
//=   name char[5] @29 {char}
//=   raw uint8[2] @34 {std::byte}
//=   local.x int32 @36 {int}
//= struct calib::deep::er::Aligned size 16 align 16 at 28:20
//=   d float64 @0 {double}
//= struct FromC size 16 align 8 at 33:8
//=   n uint64 @0 {std::size_t}
//=   l int64 @8 {long}
//= struct Public size 4 align 4 at 35:7
//=   value int32 @0 {int}
//= struct Volatile size 4 align 4 at 39:8
//=   counter int32 @0 {int}
