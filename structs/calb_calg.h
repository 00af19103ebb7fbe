/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_calb_calg_H
#define ETALON_STAR_calb_calg_H

struct calb_calg {
    float system[2];
    float version;
    float rmin;
    float etacut;
    float crackwd;
    float frontthk;
    float compthk;
    float airthk;
    float backthk;
    float spacethk;
    float scintthk[2];
    float absorthk;
    float abpapthk;
    float g10sbthk;
    float smalfwdh;
    float smalfthk;
    float smgasthk;
    float smgaswdh;
    float smgasrad;
    float smaffwdh;
    float smafbwdh;
    float smetawdh;
    float seta1wdh;
    float netfirst;
    float seta2wdh;
    float netsecon;
    float set12wdh;
    float sphiwdh;
    float sphidwdh;
    float nphistr;
    float nsmdalw;
    float nsuper;
    float nsmd;
    float nsublay[2];
    float nmodule[2];
    float shift[2];
    float maxmodul;
    float netat;
    float nsub;
    float netasmdp;
};

#endif
