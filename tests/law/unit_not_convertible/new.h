struct sample {
    float a;  /* [s] */
};
