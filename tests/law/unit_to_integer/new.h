struct sample {
    int a;                 /* [cm] */
    short b;               /* [ms] */
    unsigned char c;       /* [mm] */
    unsigned short speed;  /* [km/h] */
    long long length;      /* [mm] */
    short temperature;     /* [degC] */
    long energy;           /* [eV] */
};
