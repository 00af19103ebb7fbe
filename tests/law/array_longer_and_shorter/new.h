struct sample {
    int m[3][2];  /* default: 9 */
};
