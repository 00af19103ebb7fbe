struct sample {
    signed char noise;
    signed char gain;
};
