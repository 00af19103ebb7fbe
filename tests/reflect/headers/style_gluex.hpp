// reflect: c++
#ifndef _DStyle_
#define _DStyle_
#include <cstdint>
#include <array>
namespace gluex {
typedef float real_t;
class DPedestal {
 public:
  enum side_t { kUp = 1, kDown };
  int ring, sector;      ///< ring 1-48, sector counted from phi=0
  side_t side = kUp;     ///< which end
  real_t mean{100.0f};   ///< [ADC] pedestal
  double width = 0.;     ///< GeV
  std::array<double, 3> par = {0, 0, 0};  ///< of the walk correction [ns]
  bool good(void) const { return width > 0; }
};
}
#endif

//= struct gluex::DPedestal size 48 align 8 at 8:7
//=   ring int32 @0 {int} | ring 1-48, sector counted from phi=0
//=   sector int32 @4 {int} | ring 1-48, sector counted from phi=0
//=   side uint32 @8 {side_t} kUp=1 kDown=2 default 1 | which end
//=   mean float32 @12 {real_t} unit ADC default 100 | [ADC] pedestal
//=   width float64 @16 {double} unit GeV default 0 | GeV
//=   par float64[3] @24 {double} unit ns default 0 | of the walk correction [ns]
