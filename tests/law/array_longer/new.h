struct sample {
    int a[3];
    float b[4];    /* default: -1 */
    char c[2][4];  /* default: "none" */
};
