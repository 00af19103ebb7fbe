struct sample {
    float a;  /* [cm] */
};
