struct sample {
    /* The number of the wire. */
    int channel;
    
    float gain;   /* [V] measured on the bench */
};
