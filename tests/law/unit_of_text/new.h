struct sample {
    char a[8];  /* [mm] */
};
