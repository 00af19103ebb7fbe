/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_TrackingParameters_H
#define ETALON_STAR_TrackingParameters_H

struct TrackingParameters {
    double minSearch;
    double maxSearch;
    double scaling;
    double maxChi2;
};

#endif
