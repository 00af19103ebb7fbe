struct sample {
    float noise[2];           /* default: -1.5 */
    int channel;
    char label[4];            /* default: "abcd" */
    unsigned long long mask;  /* default: 18446744073709551615 */
    double limit;             /* default: -inf */
    double unknown;           /* default: nan */
};
