struct sample {
    int a;                 /* [mm] */
    float b;               /* [s] */
    unsigned char c;       /* [cm] */
    int speed;             /* [m/s] */
    long long length;      /* [cm] */
    short temperature;     /* [degF] */
    int energy;            /* [keV] */
};
