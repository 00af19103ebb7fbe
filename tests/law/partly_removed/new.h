struct sample {
    double first; /* [mm] */
    float gain[3]; /* [cm] */
};
