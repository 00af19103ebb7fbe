struct sample {
    float a;   /* [cm] */
    int b;     /* [mm] */
    double c;  /* [K] */
};
