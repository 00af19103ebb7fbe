struct sample {
    float gain[4]; /* [cm] */
};
