struct sample {
    int a;            /* [mm] */
    float b;          /* [s] */
    unsigned char c;  /* [cm] */
};
