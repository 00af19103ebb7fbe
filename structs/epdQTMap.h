/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_epdQTMap_H
#define ETALON_STAR_epdQTMap_H

struct epdQTMap {
    unsigned short ew[768];
    unsigned short pp[768];
    unsigned short tile[768];
    short qt_board_adc[768];
    short qt_channel_adc[768];
    short qt_board_tac[768];
    short qt_channel_tac[768];
    short qt_crate_adc[768];
    short qt_crate_tac[768];
};

#endif
