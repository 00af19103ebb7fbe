struct sample {
    float a;       /* [cm] */
    double rate;   /* [cps] */
    double speed;  /* [rpm] */
    double turns;  /* [rad/s] */
    double dose;   /* [Gy] */
    float sigma;   /* [degC] */
    int counts;    /* [ADC] */
};
