struct sample {
    short m[2][3];
};
