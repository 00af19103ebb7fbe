struct sample {
    float a;      /* [centimeter] */
    int b;        /* [microsecond] */
    double c[2];  /* [volt cm-1] */
};
