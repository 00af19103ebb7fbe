struct sample {
    float length; /* [m] */
    double t;
};
