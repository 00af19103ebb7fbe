struct sample {
    float a;      /* [cm] */
    int b;        /* [us] */
    double c[2];  /* [V/cm] */
};
