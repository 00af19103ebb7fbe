struct sample {
    short value;
    float px;
    float py;
};
