/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_ftpcTrackingPars_H
#define ETALON_STAR_ftpcTrackingPars_H

struct ftpcTrackingPars {
    float maxVertexPosZWarning;
    float maxVertexPosZError;
    int histoBins;
    float histoMin;
    float histoMax;
    float maxDcaVertex;
    int minNumTracks;
    int rowSegments;
    int phiSegments;
    int etaSegments;
    int laser[4];
    int vertexConstraint[4];
    int maxTrackletLength[4];
    int minTrackLength[4];
    int rowScopeTracklet[4];
    int rowScopeTrack[4];
    int phiScope[4];
    int etaScope[4];
    float maxDca[4];
    float maxAngleTracklet[4];
    float maxAngleTrack[4];
    float maxCircleDist[4];
    float maxLengthDist[4];
    float maxDist;
    float minPointRatio;
    float maxPointRatio;
};

#endif
