struct sample {
    float a;   /* [mm] */
    double b;  /* [cm] */
    double c;  /* [degC] */
};
