void jacobi_sweep(const float *u, float *v, int rows, int cols) {
    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < cols; j++) {
            int at = i * cols + j;
            if (i == 0 || j == 0 || i == rows - 1 || j == cols - 1) {
                v[at] = u[at];
            } else {
                v[at] = 0.25f * (u[at - cols] + u[at + cols] + u[at - 1] + u[at + 1]);
            }
        }
    }
}
