/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_LocalTrackSeedFinder_H
#define ETALON_STAR_LocalTrackSeedFinder_H

struct LocalTrackSeedFinder {
    double deltaY;
    double deltaZ;
    double mExtrapDeltaY;
    double mExtrapDeltaZ;
    int seedLength;
    int maxSkipped;
    int extrapMaxLength;
    int extrapMinLength;
    int useOrigin;
};

#endif
