struct sample {
    float a;       /* [s] */
    double rate;   /* [Hz] */
    double speed;  /* [Hz] */
    double turns;  /* [Hz] */
    double dose;   /* [Sv] */
    float sigma;   /* [delta_degC] */
    int counts;    /* [channel] */
};
