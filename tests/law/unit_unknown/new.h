struct sample {
    float a;  /* [wibbles] */
};
