struct sample {
    float length; /* [furlongz] */
    double t;
};
