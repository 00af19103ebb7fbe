// reflect: c++
#pragma once
#include <cmath>
#include <limits>
namespace Units { static const double ns = 1.; static const double m = 1.; constexpr double GeV = 1.0; }
/**
 * Calibration of one optical module.
 */
struct DomCal {
  /// Transit time of the tube [ns]
  double transit = 5.5 * Units::ns;
  /**
   * Gain slope
   *
   * log10(gain) per log10(V); was once in [V].
   */
  double slope = NAN;
  double intercept = std::numeric_limits<double>::quiet_NaN();
  double efficiency{1.0}; ///< relative, [0..1]
  struct Fit { double a = 0, b = 1; unsigned n = 0; } fit; ///< [mV]
  float spe[3] = {NAN, NAN, NAN}; ///< SPE charge [PE]
  // Depth below the surface [m], negative is down
  double z = -1948.07;
  int flags = 0xff; // bits: [7:4] version, [3:0] state
};

//= struct DomCal size 88 align 8 at 9:8 | Calibration of one optical module.
//=   transit float64 @0 {double} unit ns default 5.5 | Transit time of the tube [ns]
//=   slope float64 @8 {double} default nan | Gain slope log10(gain) per log10(V); was once in [V].
//=   intercept float64 @16 {double} default nan
//=   efficiency float64 @24 {double} default 1 | relative, [0..1]
//=   fit.a float64 @32 {double} unit mV default 0 | [mV]
//=   fit.b float64 @40 {double} unit mV default 1 | [mV]
//=   fit.n uint32 @48 {unsigned int} unit mV default 0 | [mV]
//=   spe float32[3] @56 {float} unit PE default nan | SPE charge [PE]
//=   z float64 @72 {double} default -1948.07 | Depth below the surface [m], negative is down
//=   flags int32 @80 {int} default 255 | bits: [7:4] version, [3:0] state
//= note 17:10 unit of slope: 'V' is text here, not the unit: the words before it say that it is, or was, another one
//= note 23:10 unit of z: 'm' is text here, not the unit: it stands inside a sentence: write it first or last
