struct sample {
    int a;            /* [cm] */
    short b;          /* [ms] */
    unsigned char c;  /* [mm] */
};
