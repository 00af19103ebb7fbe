struct sample {
    char a[8];  /* [cm] */
};
